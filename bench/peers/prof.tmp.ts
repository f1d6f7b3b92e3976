import { existsSync } from 'node:fs';
import { cluster } from '/work/main/projections/cluster/cluster.ts';
import { PROJECTIONS } from '/work/main/projections/list.ts';
import { openSqliteLedger } from '/work/main/src/ledger/sqlite/ledger.ts';
import { openSqliteReader } from '/work/main/src/ledger/sqlite/reader.ts';
import { fillLedger } from '/work/main/bench/support/history.ts';
import { projectOnce } from '/work/main/bench/support/projecting.ts';
import { scanAndCount } from '/work/main/bench/support/scan.ts';
const path='/tmp/prof-ledger.sqlite';
if(!existsSync(path)){ const l=await openSqliteLedger({path,thread:'here'}); await fillLedger(l,{seed:3,events:200_000,clusters:200,days:90}); await l.close(); }
async function time(n: string, f: ()=>Promise<number>|number){ for(let i=0;i<4;i++){ globalThis.gc?.(); const t=performance.now(); const k=await f(); const d=performance.now()-t; if(i>0) console.log(n, Math.round(k*1000/d)); } }
const what=process.argv[2];
if(!what||what==='scan') await time('scan',()=>scanAndCount(path));
for(const page of [1000,4000,16384]) if(!what||what==='read') await time('read'+page,async()=>{const r=openSqliteReader(path); let a=0,n=0; for(;;){const e=await r.readAll({after:a as never,limit:page}); n+=e.length; if(e.length<page) break; a=e.at(-1)!.position;} await r.close(); return n;});
if(!what||what==='cluster') await time('cluster',async()=>(await projectOnce(path,'/tmp/prof-views.sqlite',[cluster as never])).events);
if(!what||what==='all') await time('all',async()=>(await projectOnce(path,'/tmp/prof-views.sqlite',PROJECTIONS)).events);
