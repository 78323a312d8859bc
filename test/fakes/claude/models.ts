// The models the stub knows and what each accepts, as the API's model pages said in October 2026.

import type Anthropic from '@anthropic-ai/sdk'

export type ThinkingKind = 'adaptive' | 'between_tools' | 'disabled' | 'enabled'
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface KnownModel {
  readonly info: Anthropic.ModelInfo
  readonly thinking: readonly ThinkingKind[]
  /** What a request that says nothing about thinking gets. */
  readonly thinkingUnsaid: ThinkingKind
  /** What a request that says nothing about effort gets; null: the model has no efforts. */
  readonly effortUnsaid: Effort | null
  /** Shorter prefixes are not cached. */
  readonly cachedPrefixTokensMin: number
}

interface Line {
  readonly id: string
  readonly line: Anthropic.ModelLine
  readonly released: string
  readonly thinking: readonly ThinkingKind[]
  readonly effortUnsaid: Effort | null
  readonly retires?: string
}

const lines: readonly Line[] = [
  {
    id: 'claude-haiku-5-5',
    line: 'haiku',
    released: '2026-10-07',
    thinking: ['adaptive', 'disabled'],
    effortUnsaid: 'medium',
  },
  {
    id: 'claude-sonnet-5-5',
    line: 'sonnet',
    released: '2026-09-28',
    thinking: ['adaptive', 'between_tools'],
    effortUnsaid: 'high',
  },
  {
    id: 'claude-opus-5-5',
    line: 'opus',
    released: '2026-09-22',
    thinking: ['adaptive'],
    effortUnsaid: 'medium',
  },
  {
    id: 'claude-haiku-4-5',
    line: 'haiku',
    released: '2025-10-15',
    thinking: ['disabled', 'enabled'],
    effortUnsaid: null,
  },
  {
    id: 'claude-sonnet-4-5',
    line: 'sonnet',
    released: '2025-09-29',
    thinking: ['disabled', 'enabled'],
    effortUnsaid: null,
    retires: '2026-11-30',
  },
]

/** Newest first, as the API lists them. */
export const knownModels: readonly KnownModel[] = lines.map((line) => {
  const thinks = line.thinking.includes('adaptive')
  return {
    info: modelInfo(line, thinks),
    thinking: line.thinking,
    thinkingUnsaid: thinks ? 'adaptive' : 'disabled',
    effortUnsaid: line.effortUnsaid,
    cachedPrefixTokensMin: thinks ? 512 : 4_096,
  }
})

function modelInfo(line: Line, thinks: boolean): Anthropic.ModelInfo {
  const retiring = line.retires !== undefined
  return {
    id: line.id,
    type: 'model',
    line: line.line,
    display_name: line.id,
    created_at: `${line.released}T00:00:00Z`,
    lifecycle: retiring ? 'deprecated' : 'active',
    deprecated_at: retiring ? '2026-08-01T00:00:00Z' : null,
    retires_at: retiring ? `${line.retires}T00:00:00Z` : null,
    max_input_tokens: thinks ? 1_000_000 : 200_000,
    max_tokens: thinks ? 128_000 : 64_000,
    capabilities: capabilities(line),
  }
}

function capabilities(line: Line): Anthropic.ModelCapabilities {
  const is = (supported: boolean): Anthropic.CapabilitySupport => ({ supported })
  const yes = is(true)
  const effort = is(line.effortUnsaid !== null)
  const context = { clear_thinking_20251015: yes, clear_tool_uses_20250919: yes, compact_20260112: yes }
  return {
    batch: yes,
    citations: yes,
    code_execution: yes,
    context_management: { supported: true, ...context },
    effort: { ...effort, low: effort, medium: effort, high: effort, xhigh: effort, max: effort },
    image_input: yes,
    pdf_input: yes,
    server_tools: { supported: true, code_execution: yes, web_search: yes },
    structured_outputs: yes,
    thinking: {
      supported: true,
      types: {
        adaptive: is(line.thinking.includes('adaptive')),
        between_tools: is(line.thinking.includes('between_tools')),
        disabled: is(line.thinking.includes('disabled')),
        enabled: is(line.thinking.includes('enabled')),
      },
    },
  }
}
