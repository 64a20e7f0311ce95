/** Tests data that lies anywhere against a contract: which rules hold, and which rows break them. */
export { type ColumnsTest, testColumns } from './columns.ts'
export type { FailingRow, TestCheck, TestFindings, TestReport, TestStatus } from './define.ts'
export { type DocumentsTest, type TestRecord, testDocuments } from './documents.ts'
export { needsRelation, type RelationTest, testRelation } from './relation.ts'
export { fraction, testReport } from './report.ts'
