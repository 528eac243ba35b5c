import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** An authority with a certificate for localhost in `server.pem`, and one that signed nothing. */
export async function makeCertificates(
  directory: string,
): Promise<{ ca_file: string; other_ca_file: string }> {
  mkdirSync(directory, { recursive: true })
  const openssl = (...options: string[]) => run('openssl', options, { cwd: directory })
  const authority = (name: string) =>
    openssl(
      ...'req -x509 -newkey rsa:2048 -nodes -days 3650 -addext basicConstraints=critical,CA:TRUE'.split(' '),
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-subj', `/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.crt`],
    )
  await authority('ca')
  await authority('other')
  await openssl(
    ...'req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr'.split(' '),
  )
  writeFileSync(
    join(directory, 'server.ext'),
    'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n',
  )
  await openssl(
    ...'x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650'.split(' '),
    ...'-extfile server.ext -out server.crt'.split(' '),
  )
  const pem = ['server.key', 'server.crt', 'ca.crt'].map((name) =>
    readFileSync(join(directory, name), 'utf8'),
  )
  writeFileSync(join(directory, 'server.pem'), pem.join(''))
  return { ca_file: join(directory, 'ca.crt'), other_ca_file: join(directory, 'other.crt') }
}
