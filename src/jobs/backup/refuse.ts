import type { Refusal } from './backup.ts'

export function refuse(code: string, why: string, hint = ''): Refusal {
  return { ok: false, code, why, hint }
}
