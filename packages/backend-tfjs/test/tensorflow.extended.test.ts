/** The quick tests of engines, run on the native one. */
import './conformance.test.ts';
import './layers/edjmCallback.test.ts';
import './memory.test.ts';
import './sameSpectrum.test.ts';
import './training.test.ts';
import './writing/writeLayersModel.test.ts';
