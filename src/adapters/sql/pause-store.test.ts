import { openPauseStore } from '../../../test/dead-letters.ts'
import { pauseStoreSuite } from '../../../test/ports/pause-store.ts'

pauseStoreSuite('SQLite', () => openPauseStore())
