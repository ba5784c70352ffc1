import t from 'tap'
import { isServing, waitUntilServing } from './support/service-clock.ts'
import { startWatchedHost } from './support/watched-host.ts'

/** Over when the upgrade is half done: it is the upgrade that keeps pgwatchd away, not the grace. */
const GRACE_S = 5
const BETWEEN_STOP_AND_START_S = 20

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['watch:', '  operator_stop:', `    grace: ${String(GRACE_S)}s`])
const NAME = `postgresql-${String(host.release.postgresVersion)}`
const NEWER = `/root/${NAME}-newer.deb`

/** The installed package once more, with a higher version and with maintainer scripts that take their time. */
const REPACK = `
  directory=$(mktemp -d)
  mkdir -m 755 "$directory/DEBIAN"
  for part in preinst postinst prerm postrm config templates triggers conffiles; do
    [ ! -e /var/lib/dpkg/info/${NAME}.$part ] || cp -a /var/lib/dpkg/info/${NAME}.$part "$directory/DEBIAN/$part"
  done
  dpkg-query -s ${NAME} | sed -e '/^Status:/d' -e '/^Conffiles:/,/^[^ C]/{/^Conffiles:/d;/^ /d}' -e 's/^Version: .*/&+newer1/' > "$directory/DEBIAN/control"
  dpkg -L ${NAME} | while read -r path; do
    if [ -d "$path" ] && [ ! -L "$path" ]; then mkdir -p "$directory$path"; else cp -a "$path" "$directory$path"; fi
  done
  sed -i '1a sleep ${String(BETWEEN_STOP_AND_START_S)}' "$directory/DEBIAN/postinst"
  dpkg-deb -Znone -b "$directory" ${NEWER}
  rm -r "$directory"`

async function versionOf(): Promise<string> {
  return (await host.exec(['dpkg-query', '-W', '-f', '${Version}', NAME])).stdout
}

t.test('an upgrade of PostgreSQL by apt is left alone, and told once at most', async (t) => {
  await host.exec(['sh', '-ec', REPACK], { timeoutMs: 120_000 })
  const [postmaster, mailsBefore] = [await host.postmasterPid(), host.inbox.mails.length]
  const since = (await host.exec(['date', '+%Y-%m-%d %H:%M:%S'])).stdout.trim()
  await host.exec(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', 'install', NEWER], { timeoutMs: 180_000 })
  await waitUntilServing(host, 20_000)
  await host.waitUntilHealthy()
  t.match(await versionOf(), /\+newer1$/)
  t.not(await host.postmasterPid(), postmaster, 'the upgrade itself restarted the server')
  const { stdout: said } = await host.exec(['journalctl', '-u', 'pgwatchd', '-o', 'cat', '--no-pager', '--since', since])
  t.match(said, /package upgrade runs/, 'pgwatchd saw it')
  t.notMatch(said, /step [a-z-]+ began/, 'no action')
  t.equal((await host.cluster()).attemptsInWindow, 0)
  const subjects = host.inbox.mails.slice(mailsBefore).map(({ subject }) => subject)
  const told = [/\[WARNING\].* left alone: the server is down while a package upgrade runs/, /\[SUCCESS\].* without help from pgwatchd/]
  t.match(subjects, subjects.length === 0 ? [] : told, 'one warning at most, with the truth in it, and its end')
  t.ok(subjects.length <= told.length)
  t.ok(await isServing(host))
})
