import { runCommand, sizeOf } from './backup/command.ts'
import { restoreBackup } from './backup/restore-backup.ts'

/** `npm run restore -- FROM`: lays a backup into an empty DATA_DIR. */
await runCommand({
  usage: `npm run restore -- FROM  lays the backup FROM into DATA_DIR, which is empty or not there, and compares every file with
                        what the backup says of it. Then start the shop.`,
  async run(from, { DATA_DIR: to }, signal) {
    const restored = await restoreBackup({ from, to, signal })
    console.log(`${to} holds the shop as it was at ${restored.at} (${sizeOf(restored)}). It can be started.`)
  },
})
