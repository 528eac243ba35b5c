import { v2 as cloudinary } from 'cloudinary'

export interface Account {
  cloud_name: string
  api_key: string
  api_secret: string
  /** Another address of the API, for tests. */
  api_url?: string | undefined
}

const API_URL = 'https://api.cloudinary.com'

/** What a call sends: its parameters, the key and the signature over them; the secret stays here. */
export type SignedForm = Record<string, string>

/** A call of the upload API, signed by the official library. Every parameter is the shop's own. */
export function signedCall(
  { cloud_name, api_key, api_secret, api_url = API_URL }: Account,
  action: 'upload' | 'destroy',
  parameters: Record<string, string>,
): { url: string; form: SignedForm } {
  const url = cloudinary.utils.api_url(action, { cloud_name, upload_prefix: api_url })
  return { url, form: cloudinary.utils.sign_request(parameters, { api_key, api_secret }) }
}
