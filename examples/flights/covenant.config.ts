import { defineProject } from 'covenant'

export const project = defineProject({
  name: 'flights',
  // UTC: the lake takes in the day at one, its audit follows at two, the feature views at three.
  schedule: { lake: '0 1 * * *', audit: '0 2 * * *' },
})
