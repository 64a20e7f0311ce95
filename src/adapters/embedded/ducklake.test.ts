import { openTestDuckDb, temporaryState } from '../../../test/ports/duckdb-fixture.ts'
import { lakeStoreSuite, type OpenLake } from '../../../test/ports/lake-store.ts'

type State = ReturnType<typeof temporaryState>

lakeStoreSuite('DuckLake', () => open(temporaryState()))

async function open(state: State): Promise<OpenLake> {
  const { engine, lake, close } = await openTestDuckDb(state.path)
  return {
    engine,
    lake,
    async reopen() {
      await close()
      return open(state)
    },
    async remove() {
      await close()
      state.remove()
    },
  }
}
