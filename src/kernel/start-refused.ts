/** A start that cannot be: another server holds the folder, a file is damaged or foreign. The message says what to do. */
export class StartRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StartRefused'
  }
}
