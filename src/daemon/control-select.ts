import { refusal } from './control-answers.ts'
import type { ControlAnswer } from './control-protocol.ts'
import type { Watch } from './watch.ts'

export type Selection = { readonly ok: true; readonly watches: readonly Watch[] } | { readonly ok: false; readonly answer: ControlAnswer }

/** The clusters that a request means: by name, or all; `one` asks for a name where there are several. */
export function select(watches: readonly Watch[], name: string | undefined, many: 'all' | 'one'): Selection {
  const chosen = name === undefined ? watches : watches.filter((watch) => watch.cluster.name === name)
  const names = watches.map((watch) => watch.cluster.name).join(', ') || 'none'
  if (chosen.length === 0) return refuse(`there is no cluster ${name ?? ''}`, `watched are: ${names}`)
  if (many === 'one' && chosen.length > 1) return refuse('several clusters are watched', `say which with --cluster: ${names}`)
  return { ok: true, watches: chosen }
}

function refuse(text: string, hint: string): Selection {
  return { ok: false, answer: refusal('unknown-cluster', text, hint) }
}
