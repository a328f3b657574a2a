import { catalogConformance } from '@monsta/testkit';
import { parquetRig } from './catalog.test-support.ts';

catalogConformance('ParquetCatalog', async () => parquetRig());
