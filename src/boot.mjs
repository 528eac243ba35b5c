// Compiled code is kept between starts; it has to be switched on before the first module of the server loads. Threads
// take it from the environment; without it each would bring a compiler of its own, 15 MB large.
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')
enableCompileCache()
await import('./main.ts')
