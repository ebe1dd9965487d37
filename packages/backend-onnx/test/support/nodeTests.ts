import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { readModel, readTensorFile, type Graph, type Tensor } from '@edjm/onnx-autodiff';
import { extract } from 'tar-stream';

/** A case of the ONNX project's own tests: a small graph with inputs and the outputs that it must give. */
export interface NodeTest {
  readonly name: string;
  readonly operators: readonly string[];
  readonly graph: Graph;
  /** In the order of the graph's inputs. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

interface Index {
  readonly tests: readonly {
    readonly suite: string;
    readonly test: string;
    readonly ops: readonly string[];
  }[];
}

async function readArchive(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const entry of createReadStream(path).pipe(createGunzip()).pipe(extract())) {
    const parts: Uint8Array[] = [];
    for await (const part of entry) parts.push(part as Uint8Array);
    files.set(entry.header.name, Buffer.concat(parts));
  }
  return files;
}

/** The cases in the data folder's archive. */
export async function readNodeTests(folder: string): Promise<readonly NodeTest[]> {
  const files = await readArchive(join(folder, 'onnx-node-tests.tar.gz'));
  const root = 'onnx-node-tests';
  const index = JSON.parse(new TextDecoder().decode(files.get(`${root}/index.json`))) as Index;
  return index.tests.map(({ suite, test, ops }) => {
    const place = `${root}/${suite}/${test}`;
    const tensors = (role: string): Tensor[] => {
      const found: Tensor[] = [];
      for (;;) {
        const name = `${place}/test_data_set_0/${role}_${String(found.length)}.pb`;
        const bytes = files.get(name);
        if (bytes === undefined) return found;
        found.push(readTensorFile(bytes, { name }));
      }
    };
    return {
      name: `${suite}/${test}`,
      operators: ops,
      graph: readModel(files.get(`${place}/model.onnx`)!, { name: test }),
      inputs: tensors('input'),
      outputs: tensors('output'),
    };
  });
}
