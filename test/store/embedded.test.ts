import { openStore } from '../../src/store/index.js';
import { storeContract } from '../contract/store.js';

storeContract('embedded', (place, options) => openStore(`embedded:${place}`, options), {
  durable: true,
  onlineBackup: true,
  exclusive: true,
});
