// What a policy contradicts itself in, or names although it does not exist.

import type { AllowDocument, PolicyDocument } from './document.ts'
import { reservedWords } from './check-names.ts'
import { reportKey, reportValue, slot, type Bench } from './bench.ts'
import { didYouMean } from './suggest.ts'

export function checkPolicy(bench: Bench, policy: PolicyDocument): void {
  for (const rule of [...(policy.risk ?? []), ...(policy.allow ?? [])]) checkAction(bench, rule)
  for (const rule of policy.allow ?? []) checkAllow(bench, rule)
  for (const name of Object.keys(policy.secrets ?? {})) checkSecretName(bench, policy, name)
  checkConnections(bench, policy)
  checkApprovals(bench, policy)
  for (const map of [policy.teams, policy.lists]) checkWords(bench, map ?? {})
}

function checkAction(bench: Bench, rule: { readonly uses: string }): void {
  const { actions } = bench.shelf
  // Without actions (the default policy) there is nothing to compare with.
  if (actions.size === 0 || actions.has(rule.uses)) return
  reportValue(bench, slot(rule, 'uses'), {
    code: 'action-unknown',
    message: `there is no action ${rule.uses}`,
    hint: didYouMean(rule.uses, actions.keys()),
  })
}

/** An argument list is only safe as a whole, so commands are allowed by naming them. */
function checkAllow(bench: Bench, rule: AllowDocument): void {
  const action = bench.shelf.actions.get(rule.uses)
  if (action === undefined) return
  const runs = Object.values(action.sinks).includes('command')
  if (runs && rule.commands === undefined)
    reportKey(bench, slot(rule, 'uses'), {
      code: 'policy',
      message: `${rule.uses} can only be allowed for named commands`,
      hint: 'add commands: [["df", "-P"]] with the very argument lists',
    })
  if (!runs && rule.commands !== undefined)
    reportKey(bench, slot(rule, 'commands'), {
      code: 'policy',
      message: `${rule.uses} runs no commands`,
      hint: 'use when: with a condition over input',
    })
}

/** The runner's own credentials cannot be named, or an action could send them anywhere. */
const ownCredentials = /^(?:ANTHROPIC_|GITHUB_(?:TOKEN|APP_)|WATCHBILL_|DATABASE_URL$|PG[A-Z]+$)/

function checkSecretName(bench: Bench, { secrets = {} }: PolicyDocument, name: string): void {
  if (!ownCredentials.test(name)) return
  reportKey(bench, slot(secrets, name), {
    code: 'policy',
    message: `${name} belongs to the runner itself and is not for actions`,
    hint: 'give the action a credential of its own, under another name',
  })
}

function checkConnections(bench: Bench, { connections = {}, secrets = {}, egress }: PolicyDocument): void {
  for (const connection of Object.values(connections)) {
    const url = URL.parse(connection.base)
    if (url === null || url.username !== '') {
      reportValue(bench, slot(connection, 'base'), {
        code: 'policy',
        message: 'the base is not an address',
        hint: 'write https://host or https://host/path',
      })
      continue
    }
    const isPrivate = egress?.private?.some((host) => host === url.hostname || host === url.host) ?? false
    if (url.protocol === 'http:' && !isPrivate)
      reportValue(bench, slot(connection, 'base'), {
        code: 'policy',
        message: 'a connection without encryption shows its secret to the network',
        hint: 'use https://, or name the host below egress.private',
      })
    const { bearer } = connection.auth ?? {}
    if (bearer === undefined) continue
    const secret = Object.hasOwn(secrets, bearer.secret) ? secrets[bearer.secret] : undefined
    if (secret === undefined)
      reportValue(bench, slot(bearer, 'secret'), {
        code: 'policy',
        message: `there is no secret ${bearer.secret}`,
        hint: didYouMean(bearer.secret, Object.keys(secrets)),
      })
    else if (!secret.hosts.includes(url.hostname))
      reportValue(bench, slot(bearer, 'secret'), {
        code: 'policy',
        message: `${bearer.secret} may not be sent to ${url.hostname}`,
        hint: `add ${url.hostname} to its hosts`,
      })
  }
}

function checkApprovals(bench: Bench, { approvals, risk }: PolicyDocument): void {
  const { approvers = [], need = 1 } = approvals ?? {}
  const named = approvers.some((approver) => approver.startsWith('@team:'))
  if (approvals?.need !== undefined && approvers.length > 0 && !named && need > approvers.length)
    reportValue(bench, slot(approvals, 'need'), {
      code: 'policy',
      message: `${need} people have to say yes, and only ${approvers.length} may`,
      hint: 'name more approvers, or lower need',
    })
  if (approvals?.repository !== undefined && approvers.length === 0)
    reportKey(bench, slot(approvals, 'repository'), {
      code: 'policy',
      message: 'tickets on GitHub need people who may answer them',
      hint: 'add approvers: ["@login"]',
    })
  for (const rule of risk ?? [])
    if (rule.need !== undefined && rule.at_least !== 'high')
      reportKey(bench, slot(rule, 'need'), {
        code: 'policy',
        message: `need only counts when people are asked, and ${rule.at_least} does not ask`,
        hint: 'write at_least: high, or remove need',
      })
}

function checkWords(bench: Bench, map: object): void {
  for (const word of Object.keys(map))
    if (reservedWords.has(word))
      reportKey(bench, slot(map, word), {
        code: 'schema',
        message: `${word} is a word of the expression language`,
        hint: `choose another name, like ${word}_`,
      })
}
