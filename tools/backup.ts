import { runCommand, sizeOf } from './backup/command.ts'
import { makeBackup } from './backup/make-backup.ts'

/** `npm run backup -- TO`: copies DATA_DIR as it is at one moment, also while a server uses it. */
await runCommand({
  usage: `npm run backup -- TO    copies the shop in DATA_DIR, which may be running, into the folder TO: as it was at one moment.
                       TO is empty or not there yet; it appears when all of it is there.`,
  async run(to, { DATA_DIR: from }, signal) {
    const made = await makeBackup({ from, to, signal })
    console.log(`${to} holds ${from} as it was at ${made.at} (${sizeOf(made)}).`)
  },
})
