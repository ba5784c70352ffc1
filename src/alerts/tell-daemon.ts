import type { AlertFacts, Telling } from './alert-facts.ts'

export function configurationRefused(facts: AlertFacts): Telling {
  return {
    verdict: 'The new configuration was refused, because it has mistakes; pgwatchd goes on with the old one',
    evidence: facts.details ?? [],
    nextCommands: ['pgwatchd check-config', 'sudo systemctl reload pgwatchd'],
  }
}

export function stateNotSaved(facts: AlertFacts): Telling {
  const reason = facts.matter?.sentence ?? 'the reason is not known'
  return {
    verdict: `pgwatchd cannot save its state: ${reason}. Until it can, it watches, and does nothing that it could not take up again`,
    evidence: facts.details ?? [],
    nextCommands: ['df -h /var/lib/pgwatchd && df -i /var/lib/pgwatchd', 'ls -ld /var/lib/pgwatchd', 'journalctl -u pgwatchd -p err'],
  }
}

export function test(facts: AlertFacts): Telling {
  return {
    headline: 'a test of alerts by pgwatchd',
    verdict: 'Alerts of pgwatchd reach you. Somebody ran "pgwatchd test-alert"; nothing is wrong',
    evidence: facts.details ?? [],
    nextCommands: [],
    repeatKey: `test ${facts.wallMs}`,
  }
}
