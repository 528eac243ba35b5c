/** What is expected of a setting: no fault, or at least this one. `states` pins the size where it is known. */
export interface Run {
  setting: string
  fault: string | null
  states?: number
}

/** Quick ones, in the tests. */
export const SMALL_RUNS: Run[] = [
  { setting: 'tomb,cash,rev,wish 1 2 1 0 1 1 1', fault: null },
  { setting: 'tomb,cash,rev,wish,ship 1 2 1 0 1 1 2', fault: null },
  { setting: 'tomb,cash,rev,wish 2 2 0 0 1 1 1', fault: null },
  { setting: 'tomb,cash,cart 2 2 1 0 2 1 1', fault: null },
  { setting: 'tomb,cod,rev 2 2 1 0 2 1 1', fault: null },
  { setting: 'tomb,pi 1 2 1 1 1 1 1', fault: null },
  { setting: 'tomb,pi,again,rev,wish,ship 1 2 1 1 1 1 1', fault: null },
  { setting: 'tomb,pi,again,rev,wish,ship 1 2 2 2 1 1 2', fault: null },
  { setting: 'tomb,cash,rev,wish,ship,ret 1 2 1 0 1 1 2', fault: null },
  { setting: 'tomb,cash,ship,ret 2 2 1 0 1 0 1', fault: null },
  { setting: 'readCheck 2 2 0 0 1 0 1', fault: 'stock not conserved' },
  { setting: 'tomb,cash,rev,ship,shipBlind 1 1 0 0 1 1 1', fault: 'shipped and given back' },
  { setting: 'tomb,cash,cart,claimFreed 2 2 0 0 2 1 1', fault: 'a cart was ordered twice' },
  { setting: 'tomb,cash,cart,emptyLate 2 2 0 0 2 1 1', fault: 'ordered and still in the cart' },
  { setting: 'tomb,cash,cart,cancelHidden 1 1 0 0 1 1 1', fault: 'cart lost' },
  { setting: 'cash 1 2 0 0 1 1 1', fault: 'leaked reservation' },
  { setting: 'tomb,cash,rev,noRef 2 2 0 0 2 1 1', fault: 'sold differs from paid' },
  { setting: 'tomb,cash,ship,ret,noRef 2 1 1 0 2 0 1', fault: 'sold differs from paid' },
  { setting: 'tomb,cash,rev,revEarly 2 2 0 0 2 1 1', fault: 'sold differs from paid' },
]

/** The whole table of docs/checkout.md, by `npm run model`. */
export const LARGE_RUNS: Run[] = [
  { setting: 'tomb,pi,readCheck 2 2 1 1 1 1 1', fault: 'stock not conserved', states: 119_328 },
  { setting: 'tomb,pi,ttlDirect 2 2 1 1 1 1 1', fault: 'oversold', states: 314_472 },
  { setting: 'tomb,pi,timeoutMeansFailed 2 2 1 1 1 1 1', fault: 'orphan authorisation', states: 108_670 },
  { setting: ' 2 2 1 1 1 1 1', fault: 'leaked reservation', states: 148_587 },
  { setting: 'tomb 2 2 1 1 1 1 1', fault: 'orphan authorisation', states: 151_172 },
  { setting: 'tomb,pi 2 2 1 1 1 1 1', fault: null, states: 78_468 },
  { setting: 'sweep,psweep 2 2 1 1 1 1 1', fault: null, states: 148_939 },
  { setting: 'tomb,pi 2 2 1 1 1 1 2', fault: null, states: 150_448 },
  { setting: 'tomb,pi 2 2 2 3 1 1 1', fault: null, states: 282_681 },
  { setting: 'tomb,pi 2 3 1 1 1 1 1', fault: null, states: 1_531_784 },
  { setting: 'tomb,pi,rev 2 2 1 1 2 1 1', fault: null, states: 185_228 },
  { setting: 'tomb,cod,rev 2 2 1 0 2 1 1', fault: null, states: 23_882 },
  { setting: 'tomb,cod,rev 2 2 1 0 1 1 2', fault: null, states: 58_662 },
  { setting: 'tomb,pi,rev,revEarly 2 2 1 0 2 1 1', fault: 'sold differs from paid', states: 177_684 },
  { setting: 'tomb,cod,rev,noRef 2 2 1 0 2 1 1', fault: 'sold differs from paid', states: 23_969 },
  { setting: 'tomb,pi,again 2 2 1 1 1 1 1', fault: null, states: 54_886 },
  { setting: 'tomb,pi,again,rev,wish,ship 2 2 1 1 1 1 1', fault: null, states: 159_594 },
  { setting: 'tomb,pi,again,rev,wish,ship,cart 2 2 1 1 1 1 1', fault: null, states: 732_250 },
  { setting: 'tomb,cash,rev,wish,ship 2 2 1 0 1 1 1', fault: null },
  { setting: 'tomb,cash,rev,wish,ship 2 2 1 0 2 1 1', fault: null },
  { setting: 'tomb,cash,rev,wish,ship 2 2 2 0 1 2 2', fault: null },
  { setting: 'tomb,cash,rev,wish,ship,ret 2 2 1 0 2 1 2', fault: null, states: 93_422 },
  { setting: 'tomb,pi,again,rev,wish,ship,ret 2 2 1 1 1 1 1', fault: null, states: 211_622 },
  { setting: 'tomb,cash,rev,wish,ship,cart 2 2 1 0 2 1 1', fault: null },
  { setting: 'tomb,cash,rev,wish,cart 3 2 1 0 1 1 1', fault: null },
]
