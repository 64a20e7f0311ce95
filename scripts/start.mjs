// npm start: set-up, then the main job, the flights example.
import { join } from 'node:path'
import { root, runNode, setupOrExit } from './run.mjs'

setupOrExit()
process.exitCode = await runNode([join(root, 'examples', 'flights', 'main.ts'), ...process.argv.slice(2)])
