import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DAY_MS, HOUR_MS } from '../../kernel/index.ts'
import { lastWindow } from './windows.ts'

it('weeks end on Monday, 00:00 UTC; a window that ends now has ended', () => {
  const monday = Date.UTC(2013, 2, 11)
  const week = { start: monday - 7 * DAY_MS, end: monday }
  for (const moment of [monday, monday + 1, monday + 7 * DAY_MS - 1])
    assert.deepEqual(lastWindow(moment, 7 * DAY_MS), week)
  assert.deepEqual(lastWindow(monday - 1, 7 * DAY_MS).end, monday - 7 * DAY_MS)
  assert.deepEqual(lastWindow(monday + 90 * 60_000, HOUR_MS).end, monday + HOUR_MS)
})
