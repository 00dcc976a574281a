"""Apple's refusals of writes. Those marked "ours" say in Apple's form what no public log shows word for word."""

from appstore.sandbox.errors import ApiError, entity_error

_INVALID = "An attribute in the provided entity has invalid value"
_NO_RELATION = "A relationship in the provided entity is not allowed for this request"


def not_json() -> ApiError:
    return entity_error(
        400, "ENTITY_INVALID", "The request entity is not a valid request document object", "It is not JSON"
    )


def wrong_shape(pointer: str) -> ApiError:  # ours
    title = "The request entity is not a valid request document object"
    return entity_error(422, "ENTITY_UNPROCESSABLE", title, f"Unexpected or invalid value at '{pointer}'")


def wrong_type(wanted: str) -> ApiError:  # ours
    return conflict(f"The type of the provided entity must be '{wanted}'")


def wrong_id(wanted: str) -> ApiError:  # ours
    return conflict(f"The id of the provided entity must be '{wanted}', as in the URL")


def attribute_required(name: str) -> ApiError:
    return entity_error(
        409,
        "ENTITY_ERROR.ATTRIBUTE.REQUIRED",
        "The provided entity is missing a required attribute",
        f"You must provide a value for the attribute '{name}' with this request",
        f"/data/attributes/{name}",
    )


def attribute_type(name: str) -> ApiError:
    return entity_error(
        409,
        "ENTITY_ERROR.ATTRIBUTE.TYPE",
        "An attribute in the provided entity has the wrong type",
        f"'{name}' has a value of another type than it must have",
        f"/data/attributes/{name}",
    )


def attribute_not_allowed(name: str, operation: str) -> ApiError:  # ours
    return entity_error(
        409,
        "ENTITY_ERROR.ATTRIBUTE.NOT_ALLOWED",
        "An attribute in the provided entity is not allowed for this request",
        f"The attribute '{name}' can not be included in a '{operation}' request",
        f"/data/attributes/{name}",
    )


def invalid_value(name: str, value: object) -> ApiError:
    detail = f"An invalid value '{value}' was provided for the parameter '{name}'."
    return entity_error(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", _INVALID, detail)


def invalid_request(detail: str) -> ApiError:
    """A certificate signing request that is none of Apple's liking, in the words of its portal."""
    return entity_error(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", _INVALID, detail)


def relationship_required(name: str) -> ApiError:
    return entity_error(
        409,
        "ENTITY_ERROR.RELATIONSHIP.REQUIRED",
        "The provided entity is missing a required relationship",
        f"You must provide a value for the relationship '{name}' with this request",
        f"/data/relationships/{name}",
    )


def no_identifier(object_id: str) -> ApiError:
    """What a certificate for a pass or for Apple Pay gets without its identifier: the sandbox has none."""
    title = "The specified resource does not exist"
    return entity_error(
        404, "NOT_FOUND", title, f"There is no identifier with ID '{object_id}' on this team."
    )


def certificate_limit(label: str) -> ApiError:
    return conflict(f"You already have a current {label} certificate or a pending certificate request.")


def device_exists(udid: str) -> ApiError:
    return conflict(f"A device with number '{udid}' already exists on this team.")


def bundle_id_taken(identifier: str) -> ApiError:
    detail = f"An App ID with Identifier '{identifier}' is not available. Please enter a different string."
    return entity_error(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", _INVALID, detail)


def bundle_id_in_use(identifier: str) -> ApiError:
    return conflict(
        f"The App ID '{identifier}' appears to be in use by the App Store, so it can not be removed at "
        "this time."
    )


def profile_name_taken(name: str) -> ApiError:
    return conflict(
        # Two blanks, as Apple writes it.
        f"Multiple profiles found with the name '{name}'.  Please remove the duplicate profiles and try again."
    )


def unknown_app_id(object_id: str) -> ApiError:
    return conflict(f"There is no App ID with ID '{object_id}' on this team.")


def no_certificates() -> ApiError:  # ours, after the words for devices
    return conflict("There are no current certificates on this team matching the provided certificate IDs.")


def no_devices(platform: str) -> ApiError:
    return conflict(f"There are no current {platform} devices on this team matching the provided device IDs.")


def devices_not_allowed(label: str) -> ApiError:
    """Apple's words for store profiles; for the other types they are ours."""
    detail = f"No devices can be associated to Provisioning Profiles for {label}."
    return entity_error(409, "ENTITY_ERROR.RELATIONSHIP.NOT_ALLOWED", _NO_RELATION, detail)


def conflict(detail: str) -> ApiError:
    return entity_error(409, "ENTITY_ERROR", "There is a problem with the request entity", detail)
