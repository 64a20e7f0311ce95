import { modelScorerSuite } from '../../../test/ports/model-scorer.ts'
import { OnnxModelScorer } from './model-scorer.ts'

modelScorerSuite('onnxruntime', () => new OnnxModelScorer())
