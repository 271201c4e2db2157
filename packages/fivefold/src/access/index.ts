export { type Credentials, credentialsOf, isFromElsewhere } from './credentials.ts'
export {
  type AccessScope,
  allows,
  SERVING_SCOPES,
  type ServingScope,
  TRACKING_SCOPES,
  type TrackingScope,
} from './scopes.ts'
export { type AccessToken, type AccessTokens, checkTokenName, createToken, hashToken } from './token.ts'
