// Which SDK and API version asked: for the record.

import { VERSION } from '@anthropic-ai/sdk/version.js'

export const sdkVersion: string = VERSION

/** What this SDK sends as `anthropic-version`; a test compares. */
export const apiVersion = '2026-10-21'
