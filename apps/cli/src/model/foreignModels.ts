import { EdjmError } from '@edjm/core';
import { type OpenFile, readStart } from '@edjm/files';

/** How PyTorch exports a model that is called `model`. */
const torchExport =
  'torch.onnx.export(model, (torch.zeros(1, 1, 28, 28),), "model.onnx", dynamo=True, external_data=False)  # zeros of your input';

/** The lines that export the files of other frameworks to ONNX, by the ending of their names. */
const exports: Readonly<
  Record<string, (path: string) => { readonly got: string; readonly lines: readonly string[] }>
> = {
  pt: torch,
  pth: torch,
  ckpt: (path) => ({
    got: 'a checkpoint of training',
    lines: [`model = YourModule.load_from_checkpoint(${JSON.stringify(path)}).eval()`, torchExport],
  }),
  pb: (path) => ({
    got: 'a graph of TensorFlow',
    lines: [
      'pip install tf2onnx',
      /saved_model\.pb$/.test(path)
        ? `python -m tf2onnx.convert --saved-model ${JSON.stringify(path.replace(/\/?saved_model\.pb$/, '') || '.')} --output model.onnx`
        : `python -m tf2onnx.convert --graphdef ${JSON.stringify(path)} --inputs INPUT:0 --outputs OUTPUT:0 --output model.onnx`,
    ],
  }),
};

function torch(path: string) {
  return {
    got: 'a file of PyTorch, which only Python reads',
    lines: [
      `model = torch.load(${JSON.stringify(path)}, weights_only=False).eval()  # or your class, with load_state_dict`,
      torchExport,
    ],
  };
}

/**
 * Refuses files of other frameworks, with the two lines that export them. ONNX files may bear any name.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export async function checkNotForeign(path: string, file: OpenFile): Promise<void> {
  const [, ending = ''] = /\.(\w+)$/.exec(path.toLowerCase()) ?? [];
  const foreign = Object.hasOwn(exports, ending) ? exports[ending]?.(path) : undefined;
  if (foreign === undefined || isOnnx(await readStart(file, 2))) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${path}: expected a model in ONNX, got ${foreign.got}. Export it by these two lines:\n${foreign.lines.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** Whether a file begins with the version of ONNX. Models of TensorFlow begin with their own, which is 1. */
function isOnnx([tag, version = 0]: Uint8Array): boolean {
  return tag === 8 && version > 1;
}
