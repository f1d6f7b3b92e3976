import { DatabaseSync } from 'node:sqlite';
const path='/tmp/prof-ledger.sqlite';
const db=new DatabaseSync(path,{readOnly:true});
const COLS='position, stream_id, revision, type_id, source_id, actor_id, synthetic, recorded_at, occurred_at, not_before, id, data';
const arr=db.prepare(`SELECT ${COLS} FROM event WHERE position > ? ORDER BY position LIMIT 2000`); arr.setReturnArrays(true);
const obj=db.prepare(`SELECT ${COLS} FROM event WHERE position > ? ORDER BY position LIMIT 2000`);
const it=db.prepare(`SELECT ${COLS} FROM event ORDER BY position`);
const lean=db.prepare(`SELECT position, stream_id, type_id, data FROM event WHERE position > ? ORDER BY position LIMIT 2000`);
function t(name:string,f:()=>number){ const v=[]; for(let i=0;i<7;i++){const c=process.cpuUsage(); const n=f(); const d=process.cpuUsage(c); if(i>1) v.push((d.user+d.system)/n);} v.sort(); console.log(name,v[0]!.toFixed(2),v[2]!.toFixed(2));}
const count=new Map<number,number>();
t('arrays',()=>{let a=0,n=0;for(;;){const r=arr.all(a) as any[]; if(r.length===0) return n; for(const x of r){ JSON.parse(x[11]); count.set(x[1],(count.get(x[1])??0)+1);} n+=r.length; a=r.at(-1)[0];}});
t('objects',()=>{let a=0,n=0;for(;;){const r=obj.all(a) as any[]; if(r.length===0) return n; for(const x of r){ JSON.parse(x.data); count.set(x.stream_id,(count.get(x.stream_id)??0)+1);} n+=r.length; a=r.at(-1).position;}});
t('iterate',()=>{let n=0; for(const x of it.iterate() as any){ JSON.parse(x.data); count.set(x.stream_id,(count.get(x.stream_id)??0)+1); n++;} return n;});
t('lean objects',()=>{let a=0,n=0;for(;;){const r=lean.all(a) as any[]; if(r.length===0) return n; for(const x of r){ JSON.parse(x.data); count.set(x.stream_id,(count.get(x.stream_id)??0)+1);} n+=r.length; a=r.at(-1).position;}});
