import type { Command } from '../cause.ts'
import { readConfigurationFaults } from '../postgres/configuration-fault.ts'
import type { Diagnosis } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'

export const configurationBroken: Diagnosis = {
  name: 'configuration-broken',
  examine(view) {
    const { configurationError } = view.facts
    if (!serverIsDown(view)) return { ruledOut: 'a postmaster runs' }
    if (configurationError.status === 'none') return { ruledOut: 'the server accepts its configuration' }
    if (configurationError.status === 'unknown') return { ruledOut: `its configuration was not tried: ${configurationError.why}` }
    return {
      cause: 'configuration-broken',
      response: 'person',
      strength: 'proven',
      verdict: 'the server is down and would refuse its own configuration: a start could only fail',
      evidence: [configurationError.value],
      commands: commandsFor(configurationError.value),
    }
  },
}

/** Opens each file at the line that the server names. */
function commandsFor(said: string): readonly Command[] {
  return readConfigurationFaults(said.split('; ')).map(({ file, line }) => ({ shell: `sudoedit ${line === 0 ? '' : `+${line} `}${file}` }))
}
