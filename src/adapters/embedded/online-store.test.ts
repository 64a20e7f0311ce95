import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onlineStoreSuite } from '../../../test/ports/online-store.ts'
import { EmbeddedOnlineStore } from './online-store.ts'

onlineStoreSuite('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-online-'))
  const open = () => new EmbeddedOnlineStore(join(folder, 'online.db'))
  return { store: open(), reopen: async () => open(), remove: async () => rmSync(folder, { recursive: true }) }
})
