export { isCountry } from '../../kernel/countries.ts'
export { Address } from '../addresses/schema.ts'
