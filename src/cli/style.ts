import type { Io, Output } from './command.ts'

export type Paint = (text: string) => string

/** Colours by what they mean; each returns its text unchanged where colours are not wanted. */
export interface Style {
  readonly good: Paint
  readonly warning: Paint
  readonly bad: Paint
  readonly dim: Paint
  readonly bold: Paint
}

function painter(isOn: boolean, open: number, close: number): Paint {
  return isOn ? (text) => `\x1b[${open}m${text}\x1b[${close}m` : (text) => text
}

/** FORCE_COLOR (any value but `0` and `false`) wins over NO_COLOR (any value), and both over what the terminal is. */
export function wantsColour(environment: Io['environment'], isTerminal: boolean): boolean {
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  if ((environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb') return false
  return isTerminal
}

/** The style that fits one stream. */
export function styleFor(io: Pick<Io, 'environment'>, output: Output): Style {
  const isOn = wantsColour(io.environment, output.isTerminal)
  return {
    good: painter(isOn, 32, 39),
    warning: painter(isOn, 33, 39),
    bad: painter(isOn, 31, 39),
    dim: painter(isOn, 2, 22),
    bold: painter(isOn, 1, 22),
  }
}
