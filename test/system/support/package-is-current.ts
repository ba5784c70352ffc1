import { isPackageCurrent } from './package.ts'

/** A program that succeeds when the package need not be built again. */
process.exitCode = isPackageCurrent() ? 0 : 1
