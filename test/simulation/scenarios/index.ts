import { CRASHES } from './crashes.ts'
import { DISKS } from './disks.ts'
import { OPERATORS } from './operators.ts'
import type { Scenario } from './scenario.ts'
import { STARTS } from './starts.ts'
import { TROUBLES } from './troubles.ts'

export const SCENARIOS: readonly Scenario[] = [...CRASHES, ...STARTS, ...OPERATORS, ...DISKS, ...TROUBLES]
