import type { ProcessStatus } from '../../ports/processes.ts'
import { programOf } from './names.ts'

const PACKAGE_MANAGER = /^(?:unattended-upgrades?|aptitude|synaptic|packagekitd-install)$/
const CHANGES =
  /\s(?:(?:re)?install|(?:dist-|full-)?upgrade|(?:auto)?remove|purge|-i|--(?:install|unpack|configure|remove|purge|triggers-only))\b/

/**
 * Whether dpkg or apt is changing packages, as far as command lines tell; the lock of dpkg is root's. The
 * service that waits for the next shutdown (`unattended-upgrade-shutdown`) is always there and does not count.
 */
export function isPackageUpgrade(everybody: readonly ProcessStatus[]): boolean {
  return everybody.some((process) => {
    const program = programOf(process)
    if (PACKAGE_MANAGER.test(program) || process.commandLine.includes('/var/lib/dpkg/info/')) return true
    return /^(?:dpkg|apt|apt-get)$/.test(program) && CHANGES.test(process.commandLine)
  })
}
