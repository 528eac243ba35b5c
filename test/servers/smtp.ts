import { once } from 'node:events'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { freePorts } from './ports.ts'

export interface ReceivedMail {
  message_id: string
  to: string[]
  /** As it came over the wire. */
  raw: string
}

/** What the server does with the next mails, until it is told otherwise. */
export interface SmtpBehaviour {
  /** Reply to the recipient. */
  recipient?: { code: number; text: string }
  /** Reply to the mail, which is kept only without one. */
  content?: { code: number; text: string }
  /** Keeps the mail and hangs up without a reply. */
  hangsUp?: boolean
}

export interface TestSmtp {
  url: string
  port: number
  received: ReceivedMail[]
  behave(behaviour: SmtpBehaviour): void
  /** From now on nobody answers at its port. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

/** A real SMTP server on loopback, which keeps what it takes. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const [port] = (await freePorts(1)) as [number]
  const received: ReceivedMail[] = []
  let behaviour: SmtpBehaviour = {}
  let server: SMTPServer | undefined

  function make(): SMTPServer {
    return new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      ...options,
      onRcptTo(_address, _session, callback) {
        callback(behaviour.recipient && refusal(behaviour.recipient))
      },
      async onData(stream, session, callback) {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        if (behaviour.content) return callback(refusal(behaviour.content))
        const raw = Buffer.concat(chunks).toString()
        const to = session.envelope.rcptTo.map(({ address }) => address)
        received.push({ message_id: /^Message-ID: (.+)\r$/im.exec(raw)?.[1] ?? '', to, raw })
        if (!behaviour.hangsUp) return callback()
        for (const connection of server!.connections) connection.close()
      },
    })
  }

  async function comeBack(): Promise<void> {
    server = make()
    server.on('error', () => {})
    await once(server.listen(port, '127.0.0.1'), 'listening')
  }

  async function goAway(): Promise<void> {
    const going = server
    server = undefined
    if (going) await new Promise<void>((resolve) => going.close(resolve))
  }

  await comeBack()
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    behave(next) {
      behaviour = next
    },
    goAway,
    comeBack,
    stop: goAway,
  }
}

function refusal({ code, text }: { code: number; text: string }): Error {
  return Object.assign(new Error(text), { responseCode: code })
}
