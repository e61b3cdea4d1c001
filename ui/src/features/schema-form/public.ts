// What the forms made of schemas lend to nouns.
export { SchemaForm } from './schema-form'
export { membersOf, type Schema, shapeOf } from './shapes'
export {
  initialValues,
  isSame,
  type Problems,
  problemsOf,
  readBlock,
  readValues,
  type SchemaValues,
  Unread,
} from './values'
