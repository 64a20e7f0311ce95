import { openDeadLetterStore } from '../../../test/dead-letters.ts'
import { deadLetterStoreSuite } from '../../../test/ports/dead-letter-store.ts'

deadLetterStoreSuite('SQLite', () => openDeadLetterStore())
