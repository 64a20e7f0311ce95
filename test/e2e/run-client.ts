import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The steps that a client's script prints; rejects with what it says where one fails. */
export async function runClient(program: string, args: readonly string[]): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: 300_000 })
    return stdout.trim().split('\n')
  } catch (thrown) {
    const { stdout, stderr } = thrown as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${args[0]} failed after these steps:\n${stdout}\n${stderr}`)
  }
}
