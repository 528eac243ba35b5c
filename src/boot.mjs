// Compiled code is kept between starts; it has to be switched on before the first module of the server loads.
import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('./main.ts')
