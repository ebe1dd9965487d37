import { it } from 'vitest';
import { readNodeTests } from './nodeTests.ts';
import { builderAt } from './vjpCheck.ts';
import { differentiate } from '@edjm/onnx-autodiff';
it('x', async () => {
  const cases = await readNodeTests(process.env['EDJM_DATA_DIR']!);
  for (const n of ['pytorch-operator/test_operator_add_broadcast','pytorch-operator/test_operator_add_size1_right_broadcast']) {
    const t = cases.find((c) => c.name === n)!;
    console.log(JSON.stringify(t.graph.nodes), t.graph.inputs, t.inputs.map(i=>i.shape));
    const b = builderAt({graph: t.graph, variables: new Map(t.graph.inputs.map((i,k)=>[i.name,t.inputs[k]!])), constants: new Map()});
    b.addInput('c',{elementType:'float32',shape:[2,...b.shape('2')]});
    const p = differentiate(b,{output:'2',inputs:['0','1'],cotangents:'c'});
    console.log(JSON.stringify(b.nodes,null,1), p);
  }
});
