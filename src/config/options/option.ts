import type { Format } from '../formats.ts'

interface Documented {
  /** One or two plain sentences for the example file, the schema and the manual. */
  readonly sentence: string
  /** A value as it is written in the file; where it is absent the default serves as the example. */
  readonly example?: string
  /** The section that holds this key cannot do without it: one that may itself be absent, or each entry of a list and each login. */
  readonly required?: 'in its section' | 'in every entry'
}

/** A number; range and default in the notation of the file (`10s`, `2GB`, `80%`, `3`). */
export interface RangedOption extends Documented {
  readonly type: 'duration' | 'size' | 'percentage' | 'integer'
  readonly default?: string
  readonly minimum: string
  readonly maximum: string
}

export interface TextOption extends Documented {
  readonly type: 'text'
  readonly default?: string
  readonly format: Format
  /** The value is never shown in a message: somebody may have written a password here. */
  readonly sensitive?: true
}

/** An absolute path; read without `.`, `..` and trailing slashes. */
export interface PathOption extends Documented {
  readonly type: 'path'
  readonly default?: string
  readonly sensitive?: true
}

export interface BooleanOption extends Documented {
  readonly type: 'boolean'
  readonly default?: 'true' | 'false'
}

export interface ChoiceOption extends Documented {
  readonly type: 'choice'
  readonly default?: string
  readonly choices: readonly string[]
}

/** Several texts of one format; a single one needs no brackets. */
export interface ListOption extends Documented {
  readonly type: 'list'
  readonly format: Format
}

/** A user that logs in: a section with a table of its own. */
export interface LoginOption extends Documented {
  readonly type: 'login'
  readonly options: OptionTable
}

/** A list of sections, each with the same table. */
export interface ClusterListOption extends Documented {
  readonly type: 'cluster list'
  readonly options: OptionTable
}

export type ScalarOption = RangedOption | TextOption | PathOption | BooleanOption | ChoiceOption
export type Option = ScalarOption | ListOption | LoginOption | ClusterListOption

/** Options by key path (`probes.disk.warn`), in the order in which they are documented. */
export interface OptionTable {
  readonly [path: string]: Option
}

type PlainValue<O extends Option> = O extends RangedOption
  ? number
  : O extends TextOption | PathOption
    ? string
    : O extends BooleanOption
      ? boolean
      : O extends ChoiceOption
        ? O['choices'][number]
        : O extends ListOption
          ? readonly string[]
          : O extends LoginOption
            ? Values<O['options']>
            : O extends ClusterListOption
              ? readonly Values<O['options']>[]
              : never

/** Options that have a value in every valid file; a required key of an optional section is not among them. */
type Always = { readonly default: string } | { readonly required: 'in every entry' }

/** Milliseconds, bytes and ratios for numbers; `undefined` where a valid file may leave the value out. */
export type ValueOf<O extends Option> = O extends Always ? PlainValue<O> : PlainValue<O> | undefined

/** What a table yields once it is read: one value per key path. */
export type Values<T extends OptionTable> = { readonly [P in keyof T]: ValueOf<T[P]> }
