import { existsSync, mkdirSync } from 'node:fs';
import { PROJECTIONS } from '../../projections/list.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startProjecting } from '../../src/project/start.ts';
import { fillLedger } from '../support/history.ts';
const folder='/tmp/million'; mkdirSync(folder,{recursive:true}); const path=folder+'/ledger.sqlite';
if(!existsSync(path)){ const t=performance.now(); const l=await openSqliteLedger({path,thread:'here'}); await fillLedger(l,{seed:3,events:1_000_000,clusters:200,days:90,late:{little:.1,much:.005}}); await l.close(); console.log('filled',performance.now()-t); }
const t=performance.now();
const ledger=await openSqliteLedger({path,thread:'worker'});
const p=await startProjecting({ledger,projections:PROJECTIONS,keep:{folder,ledgerPath:path},onTrouble:(e)=>console.log('trouble',e)});
console.log('views answer', performance.now()-t, p.views.position());
const head=(await ledger.head()).position;
console.log('reached', await p.views.reached(head,120000), performance.now()-t, 'rss MB', Math.round(process.memoryUsage().rss/1e6));
console.log(p.views.statuses().map(s=>s.name+' '+s.state+' '+s.error));
// live latency
const lat=[];
for(let i=0;i<300;i++){ const t0=performance.now(); const [o]=await ledger.append([{stream:`cluster-cluster-${i%200}` as never,expected:'any',events:[{id:'live'+Date.now()+i,source:'x',type:'HeartbeatLost',subject:`cluster-${i%200}`,time:null,notBefore:null,synthetic:false,extensions:{},data:{nodeId:'node-1'}} as never],actor:{authType:'unauthenticated',authId:null}}]); const t1=performance.now(); await p.views.reached((o as any).positions[0],5000); lat.push(performance.now()-t1); }
lat.sort((a,b)=>a-b); console.log('publish after ack ms p50',lat[150],'p99',lat[297]);
const t2=performance.now(); const mid=p.views.position()-500000; const v=await p.views.at(mid as never).get(PROJECTIONS[0] as never,'cluster-7'); console.log('at(mid)',performance.now()-t2, (v as any)?.position);
const t3=performance.now(); for(let i=0;i<100;i++) await p.views.at((mid+i*10) as never).get(PROJECTIONS[0] as never,'cluster-8'); console.log('100 at()',performance.now()-t3);
console.log('rss MB', Math.round(process.memoryUsage().rss/1e6));
await p.close(); await ledger.close();
