import { LatentMarket } from './packages/adapters/venue-simulated/src/latent-market.ts';
import { PriceProcess } from './packages/adapters/venue-simulated/src/price-process.ts';
import { SIMULATED_PROFILES } from './packages/adapters/venue-simulated/src/profiles.ts';
let c=performance.now(); const market=new LatentMarket(1,0.05); const ps=SIMULATED_PROFILES.map(p=>new PriceProcess(market,p)); for (const p of ps){ c=performance.now(); p.hours.logPrice(16700); console.log('extend one', performance.now()-c);}
const p=ps[0]!;
const sums=new Float64Array(9);
let best=1e9,bestP=1e9;
for (let k=0;k<100;k++){c=performance.now(); for(let h=10000;h<10050;h++){sums.fill(0);p.addHour(h+k*50,sums);} best=Math.min(best,(performance.now()-c)/50);}
console.log('best per hour ms', best);
