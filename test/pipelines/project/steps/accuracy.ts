export function accuracySql(file: string, threshold: number, part?: string): string {
  const condition = part === undefined ? 'TRUE' : `part = '${part}'`
  return `SELECT count(*) AS rows, avg(((x > ${threshold}) = (label = 1))::INTEGER) AS accuracy
    FROM read_parquet('${file}') WHERE ${condition}`
}
