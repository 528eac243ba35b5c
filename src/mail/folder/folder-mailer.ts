import { mkdirSync } from 'node:fs'
import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mailbox, Mailer } from '../mailer.ts'
import { messageOf } from '../message.ts'
import { fileOf, ownedBy, unfinishedOf } from './file-rules.ts'

export interface FolderMailerOptions {
  /** Made where it is missing, readable by its owner only. */
  folder: string
  from: Mailbox
}

/**
 * Lays mails down as files instead of sending them, for shops that are being built: any mail program opens them. A mail that comes again
 * takes the place of its file.
 */
export function createFolderMailer({ folder, from }: FolderMailerOptions): Mailer {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let composer: Composer | undefined

  return {
    name: 'folder',
    async send(mail) {
      const file = join(folder, fileOf(mail))
      const unfinished = unfinishedOf(file)
      try {
        composer ??= await newComposer()
        const { message } = await composer.sendMail(messageOf(mail, from))
        await writeFile(unfinished, message as Buffer, { mode: 0o600 })
        await rename(unfinished, file)
        return { state: 'taken', file }
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => {})
        return { state: 'away', reason: (error as Error).message }
      }
    },
    async discard({ owner, message_id }) {
      const files =
        message_id === undefined
          ? (await readdir(folder)).filter((file) => ownedBy(file, owner))
          : [fileOf({ owner, message_id }), unfinishedOf(fileOf({ owner, message_id }))]
      await Promise.all(files.map((file) => rm(join(folder, file), { force: true })))
    },
    close() {},
  }
}

type Composer = Awaited<ReturnType<typeof newComposer>>

/** Made for the first mail: until then a shop needs neither the program nor its memory. */
async function newComposer() {
  const { createTransport } = await import('nodemailer')
  return createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
}
