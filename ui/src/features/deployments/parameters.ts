// The parameters that a deployment's schema asks for.
import type { Deployment } from '@/api/types'

/** Whether a run cannot do without being told something. */
export function hasRequired(deployment: Deployment): boolean {
  const required = deployment.parameter_openapi_schema?.required
  return Array.isArray(required) && required.some((name) => !(String(name) in deployment.parameters))
}
