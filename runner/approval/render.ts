// A ticket as people read it: Markdown for an issue, plain text for a terminal.

import { isMadeOf } from './command.ts'
import { fenced, inlineCode, oneLine } from './neutral.ts'
import { pictureOf, type Picture, type Pictured } from './picture.ts'

/** GitHub refuses bodies beyond 65,536 characters; nothing is ever cut, so what is longer is not asked there. */
export const issueCharactersMax = 60_000

/** Trusted words alone: people read titles in mails and lists, where nothing marks what is foreign. */
export function issueTitle(ticket: Pictured & { readonly flow: string; readonly step: string }): string {
  return oneLine(`Approval: ${ticket.flow}, ${ticket.step} [${ticket.id}]`)
}

/** The whole issue body; `marker` proves to the runner that it wrote the issue. */
export function issueBody(ticket: Pictured, marker: string): string {
  const picture = pictureOf(ticket, (name) => `/${name}`)
  const parts = [
    `**${picture.asks}:** ${inlineCode(picture.title)}`,
    picture.facts.map(([name, value]) => `${name} ${inlineCode(value)}`).join(' · '),
    '### In full',
    ...picture.parameters.flatMap((one) => [
      `${inlineCode(one.name)} (${labelled(one.label)})`,
      fenced(one.lines),
    ]),
    ...listed(
      '### Choices',
      picture.choices.map((one) => `- ${inlineCode(one.name)}: ${inlineCode(one.means)}`),
    ),
    ...listed(
      '### Why people are asked',
      picture.why.map((words) => `- ${inlineCode(words)}`),
    ),
    '### Undo',
    inlineCode(picture.undo),
    '### Until',
    `${picture.expires}. Silence is a no.`,
    '### Answer',
    answerLines(picture),
    `Ticket ${inlineCode(picture.id)}, form ${picture.revision}`,
    marker,
    ...reasoningOf(picture),
  ]
  return `${parts.join('\n\n')}\n`
}

/** For the terminal and the page: the same order, foreign text behind a bar. */
export function ticketText(ticket: Pictured): string {
  const isLocal = ticket.transport === 'local'
  const picture = pictureOf(ticket, (name) => (isLocal ? `watchbill ${name}` : `/${name}`))
  const place = isLocal
    ? ''
    : `, as a comment on ${oneLine(ticket.issueUrl ?? 'the issue that is being opened')}`
  const barred = (lines: readonly string[]): string[] => lines.map((line) => `  | ${line}`)
  const lines = [
    `${picture.asks}: ${picture.title}`,
    ...picture.facts.map(([name, value]) => `  ${name}: ${oneLine(value)}`),
    'In full',
    ...picture.parameters.flatMap((one) => [
      `  ${oneLine(one.name)} (${oneLine(one.label)})`,
      ...barred(one.lines),
    ]),
    ...listed(
      'Choices',
      picture.choices.map((one) => `  ${oneLine(one.name)}: ${oneLine(one.means)}`),
    ),
    ...listed(
      'Why people are asked',
      picture.why.map((words) => `  ${oneLine(words)}`),
    ),
    `Undo: ${oneLine(picture.undo)}`,
    `Until: ${picture.expires}; silence is a no`,
    ...listed(
      `Answer${place}`,
      picture.answers.map((one) => `  ${one.command}   ${one.does}`),
    ),
    ...(picture.singleControl ? [`  ${singleControl}`] : []),
    `Ticket ${picture.id}, form ${picture.revision}`,
    ...(picture.reasoning === null ? [] : [reasoningHead, ...barred(picture.reasoning)]),
  ]
  return `${lines.join('\n')}\n`
}

const singleControl = 'Single control: who started it may approve it.'
const reasoningHead = "Claude's reasoning (the model's own words)"

function labelled(label: string): string {
  const [trust = '', ...from] = label.split(', from ')
  const shown = trust === 'trusted' ? trust : `**${trust}**`
  return `${shown}, from ${inlineCode(from.join(', from '))}`
}

function listed(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [head, lines.join('\n')]
}

/** Commands stand inside a sentence, so that no line of ours is one. */
function answerLines(picture: Picture): string {
  const people = picture.approvers.map(mention).join(', ')
  const count = picture.need === 1 ? 'one of' : `${picture.need} different people of`
  return [
    `As the first line of a new comment, by ${count} ${people}:`,
    ...picture.answers.map((one) => `- ${inlineCode(one.command)} ${one.does}`),
    ...(picture.singleControl ? [`- ${singleControl}`] : []),
  ].join('\n')
}

/** People of the policy are told by name; what is no login or team stays code. */
function mention(approver: string): string {
  const name = approver.startsWith('@team:') ? approver.slice(6) : approver.slice(1)
  const plain = isMadeOf(name.toLowerCase(), mentionLetters)
  return approver.startsWith('@') && plain && name !== '' ? `@${name}` : inlineCode(approver)
}

const mentionLetters = 'abcdefghijklmnopqrstuvwxyz0123456789-_/'

function reasoningOf(picture: Picture): string[] {
  if (picture.reasoning === null) return []
  return [`<details><summary>${reasoningHead}</summary>`, fenced(picture.reasoning), '</details>']
}
