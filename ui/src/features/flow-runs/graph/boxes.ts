// Where a node stands, and what leads from one to another.

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export interface Edge {
  from: string
  to: string
  isWithin: boolean
}
