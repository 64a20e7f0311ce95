import { defineProject } from 'covenant'

export const project = defineProject({
  name: 'quickstart',
  // With a sixth field in front, a cron expression counts seconds: here everything happens while you watch.
  schedule: { lake: '*/5 * * * * *', audit: '*/5 * * * * *' },
})
