import { artifactStoreSuite } from '../../../test/ports/artifact-store.ts'
import { EmbeddedArtifactStore } from './artifact-store.ts'

artifactStoreSuite('embedded', (folder) => new EmbeddedArtifactStore(folder))
