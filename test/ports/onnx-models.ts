import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The Python of the set-up of this checkout. */
export const VENV_PYTHON = join(import.meta.dirname, '..', '..', '.venv', 'bin', 'python')

/**
 * Two trees as LightGBM's exporter writes them (`TreeEnsembleClassifier`, logistic, label and probabilities out), a
 * regressor of one column, and models that no binary classifier is.
 */
const PROGRAM = `
import sys
from onnx import TensorProto, helper, save
folder = sys.argv[1]

def classifier(shift):
    return helper.make_node(
        'TreeEnsembleClassifier', ['x'], ['label', 'probabilities'], domain='ai.onnx.ml',
        nodes_treeids=[0, 0, 0, 1, 1, 1], nodes_nodeids=[0, 1, 2, 0, 1, 2], nodes_featureids=[0, 0, 0, 1, 0, 0],
        nodes_values=[0.5, 0.0, 0.0, 10.0, 0.0, 0.0], nodes_modes=['BRANCH_LEQ', 'LEAF', 'LEAF'] * 2,
        nodes_truenodeids=[1, 0, 0, 1, 0, 0], nodes_falsenodeids=[2, 0, 0, 2, 0, 0],
        nodes_missing_value_tracks_true=[1, 0, 0, 0, 0, 0],
        class_treeids=[0, 0, 1, 1], class_nodeids=[1, 2, 1, 2], class_ids=[0, 0, 0, 0],
        class_weights=[-1.0 + shift, 1.0 + shift, -0.5, 0.5], classlabels_int64s=[0, 1], post_transform='LOGISTIC')

def write(name, node, outputs, columns=2):
    inputs = [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['N', columns])]
    graph = helper.make_graph([node], name, inputs, outputs)
    opsets = [helper.make_opsetid('', 17), helper.make_opsetid('ai.onnx.ml', 3)]
    save(helper.make_model(graph, opset_imports=opsets, ir_version=9), folder + '/' + name + '.onnx')

label = helper.make_tensor_value_info('label', TensorProto.INT64, ['N'])
def floats(name, columns):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ['N', columns])

write('classifier', classifier(0.0), [label, floats('probabilities', 2)])
write('other', classifier(1.0), [label, floats('probabilities', 2)])
write('one-column', helper.make_node('ReduceMean', ['x'], ['y'], axes=[1], keepdims=1), [floats('y', 1)])
write('three-columns', helper.make_node('Concat', ['x', 'x'], ['y'], axis=1), [floats('y', 4)])
write('no-floats', helper.make_node('IsNaN', ['x'], ['y']), [helper.make_tensor_value_info('y', TensorProto.BOOL, ['N', 2])])
`

export interface OnnxModels {
  /** Path of a model file by name. */
  file(name: 'classifier' | 'other' | 'one-column' | 'three-columns' | 'no-floats' | 'corrupt' | 'absent'): string
  remove(): void
}

/** What `classifier` answers; NaN goes left in the first tree, right in the second. `other` adds 1 to the sum. */
export function classifierScore([first, second]: readonly [number, number], shift = 0): number {
  const sum = (first <= 0.5 || Number.isNaN(first) ? -1 : 1) + (second <= 10 ? -0.5 : 0.5) + shift
  return 1 / (1 + Math.exp(-sum))
}

/** Writes the model files of the tests to a new folder. */
export function writeOnnxModels(): OnnxModels {
  const folder = mkdtempSync(join(tmpdir(), 'covenant-onnx-'))
  execFileSync(VENV_PYTHON, ['-c', PROGRAM, folder])
  writeFileSync(join(folder, 'corrupt.onnx'), 'this is no model')
  return {
    file: (name) => join(folder, `${name}.onnx`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
