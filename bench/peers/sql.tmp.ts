import { DatabaseSync } from 'node:sqlite';
const path='/tmp/prof-ledger.sqlite';
const db=new DatabaseSync(path,{readOnly:true});
const COLS='position, stream_id, revision, type_id, source_id, actor_id, synthetic, recorded_at, occurred_at, not_before, id, data';
const N=4096;
const plain=db.prepare(`SELECT ${COLS} FROM event WHERE position > ? ORDER BY position LIMIT ${N}`); plain.setReturnArrays(true);
const packed=db.prepare(`SELECT max(position), group_concat(concat_ws(',', '['||position, stream_id, revision, type_id, source_id, ifnull(actor_id,'null'), synthetic, recorded_at, ifnull(occurred_at,'null'), ifnull(not_before,'null'), json_quote(id), ifnull(data,'null')||']')) FROM (SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ${N})`); packed.setReturnArrays(true);
const packed2=db.prepare(`SELECT max(position), group_concat(format('[%d,%d,%d,%d,%d,%s,%d,%d,%s,%s,%s,%s]', position, stream_id, revision, type_id, source_id, ifnull(actor_id,'null'), synthetic, recorded_at, ifnull(occurred_at,'null'), ifnull(not_before,'null'), json_quote(id), ifnull(data,'null'))) FROM (SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ${N})`); packed2.setReturnArrays(true);
// columnar: numbers in one text, data in another
const two=db.prepare(`SELECT max(position), json_group_array(position), json_group_array(stream_id), json_group_array(revision), json_group_array(type_id), json_group_array(source_id), json_group_array(actor_id), json_group_array(synthetic), json_group_array(recorded_at), json_group_array(occurred_at), json_group_array(not_before), json_group_array(id), group_concat(ifnull(data,'null')) FROM (SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ${N})`); two.setReturnArrays(true);
const cols=db.prepare(`SELECT max(position), group_concat(position), group_concat(stream_id), group_concat(revision), group_concat(type_id), group_concat(source_id), group_concat(ifnull(actor_id,'null')), group_concat(synthetic), group_concat(recorded_at), group_concat(ifnull(occurred_at,'null')), group_concat(ifnull(not_before,'null')), group_concat(json_quote(id)), group_concat(ifnull(data,'null')) FROM (SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ${N})`); cols.setReturnArrays(true);
const lean=db.prepare(`SELECT max(position), group_concat(concat('[',position,',',stream_id,',',type_id,',',source_id,',',recorded_at,',',occurred_at,',',data,']')) FROM (SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ${N})`); lean.setReturnArrays(true);
function t(name:string,f:()=>number){ for(let i=0;i<5;i++){const c=process.cpuUsage(); const n=f(); const d=process.cpuUsage(c); if(i>2) console.log(name,((d.user+d.system)/n).toFixed(2));}}
const run=(st:any,parse:(r:any)=>any[])=>()=>{let a=0,n=0;for(;;){const r=st.get(a); if(r[0]===null) return n; a=r[0]; n+=parse(r).length;}};
t('plain no parse',()=>{let a=0,n=0;for(;;){const r=plain.all(a) as any[]; if(r.length===0) return n; n+=r.length; a=r.at(-1)[0];}});
t('plain parse',()=>{let a=0,n=0;for(;;){const r=plain.all(a) as any[]; if(r.length===0) return n; for(const x of r) JSON.parse(x[11]); n+=r.length; a=r.at(-1)[0];}});
t('packed',run(packed,(r)=>JSON.parse('['+r[1]+']')));
t('packed no parse',run(packed,(r)=>({length:r[1].length>0?N:0} as any)));
t('format',run(packed2,(r)=>JSON.parse('['+r[1]+']')));
t('cols',run(cols,(r)=>{for(let i=1;i<12;i++) JSON.parse('['+r[i]+']'); return JSON.parse('['+r[12]+']');}));
t('jcols',run(two,(r)=>{for(let i=1;i<12;i++) JSON.parse(r[i]); return JSON.parse('['+r[12]+']');}));
t('lean',run(lean,(r)=>JSON.parse('['+r[1]+']')));
