import { LatentMarket } from './packages/adapters/venue-simulated/src/latent-market.ts';
import { PriceProcess } from './packages/adapters/venue-simulated/src/price-process.ts';
import { SIMULATED_PROFILES } from './packages/adapters/venue-simulated/src/profiles.ts';
const stat=(r:number[])=>{const n=r.length,mu=r.reduce((a,b)=>a+b,0)/n,v=r.reduce((a,b)=>a+(b-mu)**2,0)/n;
   const k=r.reduce((a,b)=>a+(b-mu)**4,0)/n/v/v; const ac=(x:number[],l:number)=>{const m=x.reduce((a,b)=>a+b,0)/n;let s=0,d=0;for(let i=0;i<n;i++){d+=(x[i]!-m)**2;if(i+l<n)s+=(x[i]!-m)*(x[i+l]!-m)}return s/d};
   return {k,ac1:ac(r,1),ac2:ac(r,2),abs10:ac(r.map(Math.abs),10),ann:Math.sqrt(v*525600)}};
const series:number[][]=[]; const sym:number[]=[];
for (let seed=1; seed<=8; seed++) {
const market=new LatentMarket(seed*7919,0.05);
SIMULATED_PROFILES.forEach((prof,si) => { const p=new PriceProcess(market,prof);
  const r:number[]=[]; let last=0; const sums=new Float64Array(9);
  for(let h=1000;h<1144;h++) for(let m=0;m<60;m++){sums.fill(0);p.addMinute(h*60+m,sums);const c=Math.log(sums[3]!); if(last)r.push(c-last); last=c;}
  series.push(r); sym.push(si);
})}
for (const W of [720,1440,4320,8639]) {
const all:any[]=[]; series.forEach((r,x)=>{for (let i=0;i+W<=r.length;i+=W) all.push({...stat(r.slice(i,i+W)),sym:sym[x]});});
const q=(f:(s:any)=>number)=>{const x=all.map(f).sort((a,b)=>a-b);return [0,.02,.1,.5,.9,1].map(p=>x[Math.min(x.length-1,Math.floor(p*x.length))]!.toFixed(3)).join(' ')};
const mean=(x:number[])=>x.reduce((a,b)=>a+b,0)/x.length;
console.log(W,'n',all.length,'kurt',q(s=>s.k),'| abs10',q(s=>s.abs10),'| ac1*sqrt(n)',q(s=>s.ac1*Math.sqrt(W)),'| kurt<5',all.filter(s=>s.k<5).length,'abs<.1',all.filter(s=>s.abs10<.1).length,'mean ac1 by sym',[0,1,2,3,4].map(k=>{const x=all.filter(s=>s.sym===k).map(s=>s.ac1);return mean(x).toFixed(4)+'±'+Math.sqrt(mean(x.map(v=>v*v))/x.length).toFixed(4)}).join(' '));
}
